import { mergeConfig } from 'vite';
import { pageConfig } from '../parts/vite.ts';
import { shellWorker } from './shell/build.ts';

export default mergeConfig(pageConfig('demo'), {
  plugins: [shellWorker()],
  build: {
    rolldownOptions: {
      input: {
        index: `${import.meta.dirname}/index.html`,
        sw: `${import.meta.dirname}/shell/worker.ts`,
      },
    },
  },
});
