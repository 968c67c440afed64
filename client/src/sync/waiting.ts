// Who waits for something of a document, such as that it is saved: until it is so, or will not be.
import { SyncError } from '@syncline/shared';

const readOnly = 'the document may be read and not written';

interface Waiter {
  readonly isOver: () => boolean;
  /** Whether it waits for what a reader alone may not do. */
  readonly isUpload: boolean;
  readonly resolve: () => void;
  readonly reject: (error: Error) => void;
}

export class Waiting {
  #waiters: Waiter[] = [];
  #end: Error | undefined;

  /** Resolves when `settle` finds that it is over. */
  until(isOver: () => boolean, isUpload: boolean): Promise<void> {
    return new Promise((resolve, reject) => {
      if (this.#end) reject(this.#end);
      else this.#waiters.push({ isOver, isUpload, resolve, reject });
    });
  }

  /** Something has changed; `refusal` is why only the application can bring the document on. */
  settle(refusal: SyncError | undefined, mayWrite: boolean): void {
    this.#waiters = this.#waiters.filter(({ isOver, isUpload, resolve, reject }) => {
      if (isOver()) resolve();
      else if (refusal) reject(refusal);
      else if (isUpload && !mayWrite) reject(new SyncError('forbidden', readOnly));
      else return true;
      return false;
    });
  }

  /** Nothing of it will be any more. */
  end(error: Error): void {
    this.#end = error;
    for (const { reject } of this.#waiters.splice(0)) reject(error);
  }
}
