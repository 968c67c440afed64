// Makes a copied data folder a replica of its own, while no server runs on it.
import { existsSync } from 'node:fs';
import { IdentityTable } from './identity.ts';
import { databasePath, openStore, StoreRefused } from './open.ts';
import { Transaction } from './transaction.ts';

/** Gives the new replica's id in hexadecimal. Throws StoreRefused. */
export function reidentify(folder: string): string {
  // Opening makes what is not there, and a mistyped folder is not one that was copied.
  if (!existsSync(databasePath(folder))) throw new StoreRefused(`There is no database in ${folder}.`);
  const { database, lock } = openStore(folder, 'full');
  try {
    const identity = new IdentityTable(database);
    return Buffer.from(new Transaction(database).run(() => identity.reidentify())).toString('hex');
  } finally {
    database.close();
    lock.close();
  }
}
