package workspace

import (
	"io"
	"time"

	"asof/replay"
	"asof/replay/fold/js"
	"asof/replay/place"
)

// A Host is what a workspace needs of the process that it runs in. Its functions
// may be called from any goroutine.
type Host struct {
	Dir    string              // that relative paths start from; empty: the process's current folder
	Getenv func(string) string // the environment; nil: an empty one
	Now    func() time.Time    // nil: [time.Now]
	Zone   *time.Location      // that times are read in; nil: the process's local zone
	Stdin  io.Reader           // what the store "-" reads; nil: there is no such store

	Note func(replay.Notice) // receives remarks beside an answer, see [Workspace.Begin]; nil: nobody reads them

	// Locate returns the location behind a name, where it is not what the name
	// says: a connection string whose password was removed from the name. It may
	// be nil.
	Locate func(name string) (place.Location, bool)

	Work func(what string, total int64) Meter // shows how far work has come, see [Workspace.Work]; nil: nobody sees it

	// Option writes the name of an option, such as array-key, as the front end has it;
	// nil: as it is.
	Option func(name string) string

	// Scripts limits scripts. If it says what to do about one that is stuck, that is
	// done, such as ending the process. Otherwise its question ends with an error, and
	// the script is left to itself until it ends, see [js.Within].
	Scripts js.Limits

	// Files is where questions write the files that the user named; nil: nowhere.
	Files Files

	// NoCommands refuses questions that name a command: as their fold ("exec:…"), or
	// as the test of a bisection. A front end that answers questions of other people
	// sets it.
	NoCommands bool

	// Stderr receives what the command of a bisection prints; nil: nobody reads it.
	Stderr io.Writer
}

// Options say how a workspace is opened. The zero value is fine.
type Options struct {
	Config   string // project file; empty: ASOF_CONFIG, or asof.toml in the host's folder or in one above
	NoCache  bool   // use no kept states, and keep none
	CacheDir string // folder of the kept states; empty: asof in the user's cache folder
	Release  string // of the program; states of another release are not used
}
