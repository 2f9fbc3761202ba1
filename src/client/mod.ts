/** Request and reply with a server: who it is, what it knows of its peers. */
export * from "./cluster.ts";
export { fetchCommandRows } from "./command_rows.ts";
export { Connection, type ConnectionOptions } from "./connection.ts";
export * from "./doctor.ts";
export * from "./hello.ts";
export * from "./info.ts";
export * from "./role.ts";
export * from "./sentinel.ts";
export * from "./server_error.ts";
