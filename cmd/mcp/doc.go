// Package mcp serves stores to AI agents by the Model Context Protocol, over standard
// input and output or over HTTP.
//
// # A tool
//
// A tool is a row of [tools]: a name, a sentence, the names of its arguments, and a
// function that puts a question of package ask and fills in a [reply]. The schema that a
// client sees and the check of the arguments are both made from the table of arguments,
// so that they agree.
//
// # A reply
//
// A reply fits a model's window: it has a limit of rows and of bytes. It has two parts.
// "about" is written by asof: how many rows there are, the exact call that gives the
// next ones, and the same question as a command. "data" holds what the store holds:
// names, payloads, states, and messages that may quote them. It was written by others, so
// it stands nowhere else: a model can be told that no instruction is in there. The text
// of a reply has words of this package and numbers only.
//
// A value that is too large is shown as an outline: each member with what fits, the rest
// with its size. data.cut lists these places, and the next call has the path of the
// first.
//
// # What a client cannot do
//
// It names neither files nor commands nor stores: the stores are fixed when the server
// starts. It sends expressions, which run under the limits of all scripts.
package mcp
