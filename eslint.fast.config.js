/** The rules of ESLint that need no types, which take seconds: for `npm run check`. `npm run lint` checks all of them. */
import tseslint from 'typescript-eslint';
import config from './eslint.config.js';

export default tseslint.config(
  ...config,
  { files: ['**/*.ts'], extends: [tseslint.configs.disableTypeChecked] },
  { linterOptions: { reportUnusedDisableDirectives: 'off' } },
);
