// Package workspace resolves the names that people write: stores of asof.toml, paths
// and connection strings; streams, unique prefixes of streams, events and
// projections; points and intervals; folds; and the states that earlier runs kept.
//
// A [Workspace] serves any front end: a command line, a terminal interface, a server
// or a test. It reaches its process only through a [Host], prints nothing, never
// exits and has no global state. It is safe for concurrent use: any number of
// questions can run at once, each on its own [Store].
//
// A front end that answers many questions calls [Workspace.Begin] for each. The
// question then has its own notices, and sees the project file as it is at that
// time, not as it was when the program started.
package workspace
