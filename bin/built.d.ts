export declare function isBuilt(): boolean;
export declare function toRun(file: string): { execArgv: string[]; file: string };
export declare function sourcesDigest(): string;
export declare function toRunInThread(file: string): { main: string; eval: boolean };
