/**
 * How the top class is told from the others: `clopper-pearson` bounds its own probability alone and takes the rest for one class
 * (Cohen, Rosenfeld & Kolter, arXiv 1902.02918); `runner-up` also bounds the largest other class.
 */
export type Bound = 'clopper-pearson' | 'runner-up';
