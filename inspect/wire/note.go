package wire

// A Note is something about an answer that its reader should know.
type Note struct {
	Note Remark `json:"note"`
}

// A Remark is what a note says. Codes are listed with [replay.Notice].
type Remark struct {
	Code    *string `json:"code"`
	Message string  `json:"message"`
}

// NewNote is a note of a code, which may be empty.
func NewNote(code, message string) Note { return Note{Remark{Code: text(&code), Message: message}} }

// An Error is why there is no answer.
type Error struct {
	Error Failure `json:"error"`
}

// A Failure is what an error says. Code is the exit code; source shows the fault in
// the source of a script.
type Failure struct {
	Code    int     `json:"code"`
	Message string  `json:"message"`
	Hint    *string `json:"hint"`
	Source  string  `json:"source,omitempty"`
}

// NewError is a failure; hint and source may be empty.
func NewError(code int, message, hint, source string) Error {
	return Error{Failure{Code: code, Message: message, Hint: text(&hint), Source: source}}
}

// Guide is how to find the bug of the demo store.
type Guide struct {
	Store string      `json:"store"`
	Steps []GuideStep `json:"steps"`
}

// A GuideStep is one command, as arguments of asof, and what it is for.
type GuideStep struct {
	Why  string   `json:"why"`
	Args []string `json:"args"`
}
