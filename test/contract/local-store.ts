// What every store on a device does, whatever is below it. The cases run in Node and, as they are, in a page: they ask nothing of either.
import { contentCases } from './local-store-content.ts';
import { livesCases } from './local-store-lives.ts';

export const localStoreCases = [...contentCases, ...livesCases];
