/** Writes sbom.cdx.json: the packages that lie in node_modules, as CycloneDX, the same bytes for the same packages. */
import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';

interface Bom {
  serialNumber?: string;
  metadata: { timestamp?: string; component: { name: string } };
}

// Else it asks for the packages of development, omitted or not.
execFileSync('npm', ['pkg', 'delete', 'devDependencies']);
const bytes = execFileSync('npm', ['sbom', '--sbom-format', 'cyclonedx', '--omit', 'dev'], { maxBuffer: 1 << 28 });
const bom = JSON.parse(bytes.toString()) as Bom;
// Both would tell one build of the same packages from another.
delete bom.serialNumber;
delete bom.metadata.timestamp;
// npm gives the folder's.
bom.metadata.component.name = (JSON.parse(readFileSync('package.json', 'utf8')) as { name: string }).name;
writeFileSync('sbom.cdx.json', `${JSON.stringify(bom, undefined, 2)}\n`);
