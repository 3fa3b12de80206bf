import { defaultClientConditions, defineConfig } from 'vite';

/** Where a development server of the console finds the real one (`npm start`). */
const SERVER = 'https://127.0.0.1:9443';

export default defineConfig({
  base: '/console/',
  // The protocol is read from its sources, so that nothing needs to be compiled before.
  resolve: { conditions: ['source', ...defaultClientConditions] },
  oxc: { jsx: { runtime: 'automatic' } },
  build: {
    outDir: 'dist/pages',
    target: 'es2022',
    // No file becomes a data address inside of another: the content security policy allows none but pictures.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    rolldownOptions: {
      // Every module of the component library begins with a directive for servers that we are none of.
      onwarn: (warning, warn) => warning.code === 'MODULE_LEVEL_DIRECTIVE' || warn(warning),
    },
  },
  server: { proxy: { '/v1': { target: SERVER, secure: false } } },
});
