// Package project reads asof.toml and checks it. A [Project] is what the file says
// about stores, projections and invariants. A [Projection] opens its own reducer
// and its upcasters.
//
// A project file can lie in a folder that somebody else wrote, so it runs no
// command unless the user allows it, and [Distrust] tells whether others can
// change it.
package project
