import { defineConfig } from 'eslint/config';
import tseslint from 'typescript-eslint';

/** Folders that files under `from` may not import from: imports go one way. */
function forbidImports(from, ...folders) {
  return {
    files: [`${from}/**/*.ts`],
    rules: {
      'no-restricted-imports': [
        'error',
        {
          patterns: folders.map((folder) => ({
            regex: `^(\\.\\./)+${folder}(/|$)`,
            message: `${from}/ may not import from ${folder}/.`,
          })),
        },
      ],
    },
  };
}

const aboveCertification = ['workflows', 'activities', 'workers', 'cli'];
/** Every engine may round these differently; @stdlib's are plain arithmetic, the same everywhere. */
const engineMath = [
  'exp',
  'expm1',
  'log',
  'log1p',
  'log2',
  'log10',
  'pow',
  'sin',
  'cos',
  'tan',
  'tanh',
  'cbrt',
  'hypot',
];

export default defineConfig(
  { ignores: ['dist/', '.cache/', 'node_modules/', '**/*.as.ts', 'docs/'] },
  {
    files: ['**/*.ts'],
    extends: [tseslint.configs.strictTypeChecked],
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    rules: {
      '@typescript-eslint/no-floating-promises': 'error',
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true, allowBoolean: true }],
      '@typescript-eslint/consistent-type-imports': 'error',
      '@typescript-eslint/switch-exhaustiveness-check': 'error',
      eqeqeq: 'error',
    },
  },
  forbidImports('certification', ...aboveCertification),
  forbidImports(
    'certification/smoothing',
    ...aboveCertification,
    'records',
    'storage',
    'noise',
    'datasets',
    'classifier',
    'report',
  ),
  forbidImports('certification/noise', ...aboveCertification, 'records', 'storage', 'datasets', 'classifier', 'report'),
  forbidImports('certification/storage', ...aboveCertification, 'records', 'datasets', 'classifier', 'report'),
  forbidImports('certification/records', ...aboveCertification, 'datasets', 'classifier', 'report'),
  forbidImports('certification/datasets', ...aboveCertification, 'classifier', 'report'),
  forbidImports('certification/classifier', ...aboveCertification, 'datasets', 'report'),
  forbidImports('certification/report', ...aboveCertification, 'datasets', 'classifier'),
  forbidImports('workflows', 'workers', 'cli'),
  forbidImports('activities', 'workers', 'cli', 'workflows'),
  forbidImports('workers', 'cli'),
  {
    files: ['certification/smoothing/**/*.ts', 'certification/noise/**/*.ts'],
    rules: {
      'no-restricted-properties': [
        'error',
        ...engineMath.map((property) => ({
          object: 'Math',
          property,
          message: 'Results may not depend on the engine: use @stdlib.',
        })),
      ],
      'no-restricted-syntax': [
        'error',
        { selector: "BinaryExpression[operator='**']", message: 'Results may not depend on the engine.' },
      ],
    },
  },
);
