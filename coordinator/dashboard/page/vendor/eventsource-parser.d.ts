/** Under this path the coordinator serves the package's module. */
export { createParser } from 'eventsource-parser';
