export declare function isBuilt(): boolean;
export declare function sourcesDigest(): string;
