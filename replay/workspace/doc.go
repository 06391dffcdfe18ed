// Package workspace finds what people name: stores of asof.toml, paths and
// connection strings; streams, unique prefixes of streams, events and projections;
// points and intervals; folds; and the states that earlier runs kept.
//
// A [Workspace] serves a command line, a terminal interface, a server or a test
// alike: it takes what it needs of its process from a [Host], prints nothing, ends
// nothing and keeps no state outside of itself. It is safe for concurrent use, and
// so any number of questions can be asked at once, each on a [Store] of its own.
//
// A front end that answers many questions calls [Workspace.Begin] for each. The
// question then has its own notices, and sees the project file as it is at that
// time and not as it was when the program started.
package workspace
