/** How many operations, and references to others, one update may still have. */
export interface OperationBudget {
  left: number;
}
