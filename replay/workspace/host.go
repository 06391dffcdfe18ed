package workspace

import (
	"io"
	"time"

	"asof/replay"
	"asof/replay/fold/js"
	"asof/replay/place"
)

// A Host gives a workspace access to its process. Its functions may be called from
// any goroutine.
type Host struct {
	Dir    string              // base of relative paths; empty: the process's current folder
	Getenv func(string) string // the environment; nil: an empty one
	Now    func() time.Time    // nil: [time.Now]
	Zone   *time.Location      // default zone of times; nil: the process's local zone
	Stdin  io.Reader           // source of the store "-"; nil: there is no such store

	Note func(replay.Notice) // receives notices about an answer, see [Workspace.Begin]; nil: they are dropped

	// Locate returns the location of a name that differs from the name itself, such
	// as a connection string whose password was removed from the name. It may be nil.
	Locate func(name string) (place.Location, bool)

	Work func(what string, total int64) Meter // shows progress, see [Workspace.Work]; nil: progress is not shown

	// Reader replaces the reader of each store that is opened, for example by one that
	// withholds fields; nil keeps it. States that were kept without it must not be used:
	// set NoCache in the options.
	Reader func(replay.Reader) replay.Reader

	// Option formats the name of an option, such as array-key, for the front end; nil
	// leaves it unchanged.
	Option func(name string) string

	// Scripts limits scripts. Its Stuck function handles a stuck script, for example by
	// ending the process. Without one, the question fails and the script is abandoned
	// until it ends, see [js.Within].
	Scripts js.Limits

	// Files creates the files that the user named; nil: no files are written.
	Files Files

	// NoCommands refuses questions that name a command, as their fold ("exec:…") or as
	// the test of a bisection. Set it in a front end that answers other people.
	NoCommands bool

	// Stderr receives the output of a bisection's command; nil discards it.
	Stderr io.Writer
}

// Options configure a workspace. The zero value is valid.
type Options struct {
	Config   string // project file; empty: ASOF_CONFIG, or asof.toml in the host's folder or a parent
	NoCache  bool   // neither use nor keep states
	CacheDir string // folder of the kept states; empty: asof in the user's cache folder
	Release  string // of the program; states of another release are not used

	// KeepIndexes keeps the indexes of a few files of events in memory between questions,
	// and uses them while the files are the same. Set it in a front end that answers many.
	KeepIndexes bool
}
