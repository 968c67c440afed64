// No authentication: everybody who can connect may read and write everything.
import type { Access, Principal } from '../port/access.ts';

const everybody: Principal = { id: undefined, validForMs: undefined, isAdmin: true, may: () => true };

export const noAccessControl: Access = {
  isOpen: true,
  identify: () => Promise.resolve(everybody),
};
