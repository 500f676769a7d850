/** The role of a model whose role nobody has named: it only matters once actions are sent. */
export const ROLE = 'arn:aws:iam::000000000000:role/Tripline';
