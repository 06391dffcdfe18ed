// Package ask has one request for each question asof answers. A command line, a
// tool of an assistant, a page or a server fills in a request and gets an answer.
// The package knows no front end: no flags, no terminal, no HTTP.
//
// # A question
//
// A request is a struct. Its json tags are its schema, and its jsonschema tags
// describe each field. It embeds what it shares with other requests: [Timeline] for
// a question about one timeline, [workspace.StoreRef] and [workspace.Folding] for
// one about a whole store. It has three methods:
//
//   - Check rejects an invalid request, before anything is opened.
//   - Ask(ctx, workspace) checks the request, opens the store, answers and closes
//     the store. It starts over if the store changed in the meantime.
//   - Of(ctx, store) answers the question about an open store, for a front end that
//     asks one snapshot many times. Such a front end calls Check itself.
//
// A question has one kind of answer. If a verb of the command line has several,
// such as blame and blame --history, each is a request of its own.
//
// # An answer
//
// An answer that fits in memory is a pointer to a struct of package inspect. It
// stays valid after the store is closed.
//
// An answer that may not fit in memory is an iter.Seq2 of lines and errors. The
// store stays open until the reading ends, for whatever reason. A line is valid
// until the next. An error comes last, and the lines before it are sound. If the
// store changes after the first line, the list ends with an error and is not read
// again.
//
// Remarks about an answer, such as unreadable payloads, go to the notices of the
// workspace: start a question with [workspace.Workspace.Begin] to collect them. All
// of them have arrived when the answer is returned or the list has ended. Neither
// notices nor errors name flags: [workspace.Usage] takes a remedy that names
// options, and [workspace.Workspace.Option] writes an option in the style of the
// front end. An error may come with a partial answer.
//
// # Work that takes long
//
// A question reports progress to [workspace.Workspace.Work]. One that names a
// command asks [workspace.Workspace.MayRun] first: the host decides.
//
// # A search with a person
//
// [Search] has no answer of its own: a front end opens a [Session] in a store and
// shows each [Question] until there are none left. The session can be saved at any
// time, and resumed.
//
// # Adding a verb
//
//  1. A package below inspect answers it about a replay.Subject or a replay.Whole.
//  2. ask/NAME.go has the request: Check, Ask (one line: one or list) and Of.
//  3. A line in all.go registers it, with its JSON from package wire. Front ends
//     that list [All] offer it at once.
//  4. cmd/NAME.go has newNameCmd(a, runF), whose flags fill a request. If runF is
//     nil, a.runName asks and shows the answer. A test parses command lines with
//     its own runF and inspects the request.
package ask
