import { pageConfig } from '../parts/vite.ts';

export default pageConfig('cluster-demo');
