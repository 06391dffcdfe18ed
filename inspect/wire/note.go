package wire

// A Note is a remark about an answer.
type Note struct {
	Note Remark `json:"note"`
}

// A Remark is the content of a note. [replay.Notice] lists the codes.
type Remark struct {
	Code    *string    `json:"code"`
	Message string     `json:"message"`
	Next    [][]string `json:"next,omitzero"` // commands, as arguments
}

// NewNote returns a note. The code may be empty.
func NewNote(code, message string) Note { return Note{Remark{Code: text(&code), Message: message}} }

// An Error replaces an answer and says why there is none.
type Error struct {
	Error Failure `json:"error"`
}

// A Failure is the content of an error. Kind is one of [fault.Kinds], code the exit
// code, near the names that may have been meant; source shows the place of the fault in
// a script.
type Failure struct {
	Kind    string   `json:"kind"`
	Code    int      `json:"code"`
	Message string   `json:"message"`
	Near    []string `json:"near"`
	Hint    *string  `json:"hint"`
	Source  string   `json:"source,omitempty"`

	Next [][]string `json:"next,omitzero"` // commands to try, as arguments
}

// NewError returns an error with a hint, which may be empty.
func NewError(f Failure, hint string) Error {
	f.Near, f.Hint = texts(f.Near), text(&hint)
	return Error{f}
}

// Guide lists the steps to find the bug in the demo store.
type Guide struct {
	Folder string      `json:"folder"` // of the store and the project, where the commands run
	Store  string      `json:"store"`
	Steps  []GuideStep `json:"steps"`
}

// A GuideStep is a command, as arguments of asof, and its purpose.
type GuideStep struct {
	Why  string   `json:"why"`
	Args []string `json:"args"`
}
