import type { CertifiedResults } from '../report/certified-results.ts';
import type { StudyFile } from './put-study.ts';
export function studyTable(study: string, results: readonly CertifiedResults[]): { text: string; json: unknown } {
  return { text: `${study} ${results.length}`, json: {} };
}
export function studyFiles(study: string, results: readonly CertifiedResults[]): Promise<StudyFile[]> {
  return Promise.resolve([{ name: 'table.md', text: `${study} ${results.length}`, contentType: 'text/markdown' }]);
}
