/** Under this path the coordinator serves the package's module. */
import uPlot from 'uplot';
export default uPlot;
