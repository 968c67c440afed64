import { pageConfig } from '../parts/vite.ts';

export default pageConfig('demo');
