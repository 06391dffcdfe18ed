// Package project reads and checks asof.toml. A [Project] is the file's description
// of stores, projections and invariants. A [Projection] opens its reducer and its
// upcasters.
//
// A project file may be in a folder that somebody else wrote. It runs no command
// unless the user allows it, and [Distrust] reports whether others can change it.
package project
