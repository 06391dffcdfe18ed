// Package ask has one request for each question that asof answers: what a command
// line, a tool of an assistant, a page or a server puts together, and what it gets
// for it. It knows no front end: no flags, no terminal, no HTTP.
//
// # A question
//
// A request is a struct whose json tags are its schema and whose jsonschema tags
// describe each field. It embeds what it shares with other requests: [Timeline] for
// a question about one timeline, [workspace.StoreRef] and [workspace.Folding] for
// one about a whole store. It has three methods:
//
//   - Check refuses what cannot be asked, before anything is opened.
//   - Ask(ctx, workspace) checks the request, opens the store, answers and closes
//     the store. It starts over if the store was written to meanwhile.
//   - Of(ctx, store) answers about a store that is already open, for a front end
//     that asks one snapshot many times. Such a front end calls Check itself.
//
// A question has one kind of answer. Where a verb of the command line has several,
// such as blame and blame --history, each is a request of its own.
//
// # An answer
//
// An answer that fits into memory is a pointer to a struct of package inspect. It
// stays valid when the store is closed.
//
// An answer that may be longer than memory allows is an iter.Seq2 of lines and
// errors. The store is open while it is read and closed when the reading ends,
// however it ends. A line is valid until the next. An error comes last, and the
// lines before it are sound. Once a line was yielded, a store that was written to
// meanwhile is an error and is not read again.
//
// What a reader of the answer should know besides, such as payloads that could not
// be read, goes to the notices of the workspace: give it a question of its own with
// [workspace.Workspace.Begin] to collect them. All of them have arrived when the
// answer is there, or when the list has ended. Neither notices nor errors name
// flags: [workspace.Usage] takes a remedy that names options, and
// [workspace.Workspace.Option] writes an option as the front end has it. An error may come with an answer:
// what was found before it.
//
// # Work that takes long
//
// A question shows how far it is with [workspace.Workspace.Work]. One that names a
// command asks [workspace.Workspace.MayRun] first: the host decides.
//
// # A search that somebody answers
//
// [Search] has no answer of its own: a front end opens a [Session] in a store and
// shows each [Question] until there are no more. The session can be written down at
// any time, and resumed from there.
//
// # Adding a verb
//
//  1. A package below inspect answers it about a replay.Subject or a replay.Whole.
//  2. ask/NAME.go has the request: Check, Ask (one line: one or list) and Of.
//  3. A line in all.go registers it, with its JSON from package wire. Front ends
//     that list [All] now have it.
//  4. cmd/NAME.go has a function newNameCmd(a, runF): flags fill a request; nil for
//     runF is a.runName, which asks and shows the answer. A test parses command
//     lines with a runF of its own and looks at the request.
package ask
