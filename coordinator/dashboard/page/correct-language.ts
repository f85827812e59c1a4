/** This module is imported before uPlot, which reads the language while it loads. */
import { correctLanguage } from './language.js';

correctLanguage(navigator);
