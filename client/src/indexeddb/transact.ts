// One transaction, in which everything is heard out: nothing of it is left to reject with nobody listening.
import { reasonOf } from './errors.ts';
import { type Database, storeNames, type Transaction } from './schema.ts';

export interface TransactionSettings<Mode extends IDBTransactionMode> {
  readonly mode: Mode;
  readonly durability: 'relaxed' | 'strict';
}

/** Resolves when the transaction is complete, with what `work` gave. If it fails nothing of it was written. */
export async function transact<Mode extends IDBTransactionMode, Result>(
  database: Database,
  { mode, durability }: TransactionSettings<Mode>,
  work: (transaction: Transaction<Mode>) => Promise<Result>,
): Promise<Result> {
  const transaction = database.transaction([...storeNames], mode, { durability });
  const [worked, ended] = await Promise.allSettled([attempt(transaction, work), transaction.done]);
  if (worked.status === 'fulfilled' && ended.status === 'fulfilled') return worked.value;
  throw reasonOf(
    [worked, ended].flatMap((each) => (each.status === 'rejected' ? [each.reason as unknown] : [])),
  );
}

async function attempt<Mode extends IDBTransactionMode, Result>(
  transaction: Transaction<Mode>,
  work: (transaction: Transaction<Mode>) => Promise<Result>,
): Promise<Result> {
  try {
    return await work(transaction);
  } catch (error) {
    abort(transaction);
    throw error;
  }
}

function abort(transaction: Transaction<IDBTransactionMode>): void {
  try {
    transaction.abort();
  } catch {
    // It has ended already.
  }
}
