// What a runtime needs for nothing at all.
export {};
