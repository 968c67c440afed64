import { describe, expect, it } from 'vitest';
import { cachesOf, keptFor, type Shell, urlsOf } from './shell.ts';

const shell: Shell = { version: '1', files: ['assets/index-abc.js', 'assets/index-abc.css'] };
const root = 'http://127.0.0.1:7070/';

const kept = (path: string, { scope = root, mode = 'no-cors', method = 'GET' } = {}) =>
  keptFor({ method, mode, url: new URL(path, scope).href }, shell, scope);

describe('[DEM13] what is kept of the page', () => {
  it('is the page on a visit, whatever token is in its address', () => {
    for (const path of ['', 'index.html', '?token=secret'])
      expect(kept(path, { mode: 'navigate' })).toEqual({ is: 'page' });
  });

  it('is its files by their whole names', () => {
    const file = 'assets/index-abc.js';
    expect(kept(file)).toEqual({ is: 'file', url: root + file });
    expect(kept(file, { scope: 'https://example.org/pad/' })).toEqual({
      is: 'file',
      url: `https://example.org/pad/${file}`,
    });
  });

  it.each([
    'sync',
    'v1/status',
    'console',
    'console/',
    'metrics',
    'readyz',
    'livez',
    'sw.js',
    'examples/tiptap',
    'examples/assets/index-abc.js',
    'assets/index-other.js',
    'assets/index-abc.js?x=1',
    'http://example.org/assets/index-abc.js',
    'http://127.0.0.1:7071/assets/index-abc.js',
  ])('is nothing of %s', (path) => {
    for (const mode of ['navigate', 'cors', 'no-cors']) expect(kept(path, { mode })).toBeUndefined();
  });

  it('is nothing that is sent, or that a script asks of the page itself', () => {
    expect(kept('assets/index-abc.js', { method: 'POST' })).toBeUndefined();
    expect(kept('', { mode: 'cors' })).toBeUndefined();
    expect(keptFor({ method: 'GET', mode: 'navigate', url: root }, shell, `${root}pad/`)).toBeUndefined();
  });

  it('is the page and its files, in a cache of this place', () => {
    expect(urlsOf(shell, root)).toEqual([root, `${root}assets/index-abc.js`, `${root}assets/index-abc.css`]);
    expect(cachesOf(`${root}pad/`).startsWith(cachesOf(root))).toBe(false);
  });
});
