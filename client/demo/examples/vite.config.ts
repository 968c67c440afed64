import { pageConfig } from '../../parts/vite.ts';

// A build of its own: with one for both, the demo would come in more and larger pieces.
export default pageConfig('demo/examples');
