import { describe, expect, it } from 'vitest';
import { Addresses } from './addresses.ts';

describe('[SDK28] addresses', () => {
  it('are taken in turn, and each is asked before all of them have refused', () => {
    const addresses = new Addresses(['a', 'b', 'c']);
    expect(addresses.refused()).toBe(false);
    expect(addresses.current).toBe('b');
    // This one does not answer.
    addresses.next();
    expect(addresses.refused()).toBe(false);
    expect(addresses.refused()).toBe(false);
    expect(addresses.current).toBe('b');
    expect(addresses.refused()).toBe(true);
    expect(addresses.refused()).toBe(false);
  });

  it('that take in and refuse what is said then are not gone round for ever', () => {
    const addresses = new Addresses(['a', 'b']);
    expect(addresses.refused()).toBe(false);
    addresses.letIn();
    expect(addresses.refused()).toBe(true);
  });

  it('that let us in again have not refused', () => {
    const addresses = new Addresses(['a', 'b']);
    addresses.refused();
    addresses.next();
    addresses.letIn();
    addresses.next();
    expect(addresses.refused()).toBe(false);
    expect(addresses.current).toBe('a');
  });
});
