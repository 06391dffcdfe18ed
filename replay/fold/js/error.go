package js

import (
	"errors"
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/dop251/goja"
	"github.com/dop251/goja/ast"
	"github.com/dop251/goja/file"
	"github.com/dop251/goja/parser"

	"asof/replay"
	"asof/replay/fault"
)

// source is a script's text, for messages.
type source struct {
	name   string
	text   string
	header int  // lines added before it for compiling
	inline bool // it may be bare statements, see LoadInline

	contained bool          // see selfContained
	tree      *ast.Program  // nil unless contained
	unread    replay.Fields // see unread
	strict    bool
	sums      sums
}

// A SyntaxError is a script that does not compile or does not define what it should.
type SyntaxError struct {
	Name      string // the file, or the option with the expression
	Line, Col int    // from 1, Col in characters; 0: unknown
	Text      string // the line
	Msg       string
	Next      string // the hint
	Meant     string // the expression that is probably meant; empty: unknown
	For       string // the expression that Meant replaces
}

func (e *SyntaxError) Error() string {
	if e.Line == 0 {
		return e.Name + ": " + e.Msg
	}
	return fmt.Sprintf("%s:%d:%d: %s", e.Name, e.Line, e.Col, e.Msg)
}

// Class returns [fault.Usage].
func (e *SyntaxError) Class() fault.Class { return fault.Usage }

// Fault returns [fault.KindBadExpression].
func (*SyntaxError) Fault() fault.Kind { return fault.KindBadExpression }

// Remedy returns what to do next.
func (e *SyntaxError) Remedy() fault.Remedy {
	if e.Meant != "" {
		return fault.Remedy{For: e.For, Near: []string{e.Meant}}
	}
	return fault.Try(e.Next)
}

// SourceLine returns the line with a caret under the error; empty if the line is
// unknown.
func (e *SyntaxError) SourceLine() string {
	if e.Line == 0 {
		return ""
	}
	return caret(e.Line, e.Col, e.Text)
}

// at returns an error with a position in the source, from a line and a byte column
// of the compiled text.
func (s *source) at(line, col int, msg string) *SyntaxError {
	e := &SyntaxError{Name: s.name, Msg: msg}
	line -= s.header
	if line < 1 {
		return e
	}
	lines := strings.SplitAfter(s.text, "\n")
	if line > len(lines) { // in the text added after the source, which ends too early
		line, col = len(lines), len(lines[len(lines)-1])+1
		if e.Msg != "" {
			e.Msg = "unexpected end of input"
		}
	}
	text := strings.TrimRight(lines[line-1], "\r\n")
	col = min(max(col, 1), len(text)+1)
	e.Line, e.Col = line, utf8.RuneCountInString(text[:col-1])+1
	e.Text = text
	return e
}

// caretWidth is how much of a long line is shown, in characters.
const caretWidth = 100

// caret returns a line of source with a caret under column col, in characters.
func caret(line, col int, text string) string {
	runes := []rune(text)
	col = min(max(col, 1), len(runes)+1)
	from := 0
	if len(runes) > caretWidth {
		from = max(0, min(col-1-caretWidth/2, len(runes)-caretWidth))
	}
	runes = runes[from:min(len(runes), from+caretWidth)]
	for i, r := range runes {
		if r == '\t' {
			runes[i] = ' '
		} else if !unicode.IsPrint(r) {
			runes[i] = '·'
		}
	}
	number := fmt.Sprintf("%4d", line)
	return fmt.Sprintf("%s | %s\n%s | %s^", number, string(runes),
		strings.Repeat(" ", len(number)), strings.Repeat(" ", col-1-from))
}

// syntaxError converts an error of the parser or the compiler to one with a
// position in the source.
func (s *source) syntaxError(err error) error {
	var list parser.ErrorList
	if errors.As(err, &list) && len(list) > 0 {
		return s.placed(list[0].Position, list[0].Message)
	}
	var c *goja.CompilerSyntaxError
	if errors.As(err, &c) {
		if c.File != nil {
			return s.placed(c.File.Position(c.Offset), c.Message)
		}
		return &SyntaxError{Name: s.name, Msg: strings.TrimPrefix(c.Message, "SyntaxError: ")}
	}
	return &SyntaxError{Name: s.name, Msg: err.Error()}
}

func (s *source) placed(p file.Position, msg string) error {
	e := s.at(p.Line, p.Column, lowerFirst(strings.TrimPrefix(msg, "SyntaxError: ")))
	for _, word := range []string{"import", "export"} {
		if strings.HasPrefix(strings.TrimSpace(e.Text), word+" ") {
			e.Msg, e.Next = "modules are not supported", "write a single plain script, without import and export"
		}
	}
	return e
}

func lowerFirst(s string) string {
	if len(s) > 1 && s[0] >= 'A' && s[0] <= 'Z' && !(s[1] >= 'A' && s[1] <= 'Z') {
		return strings.ToLower(s[:1]) + s[1:]
	}
	return s
}

// A scriptError is an exception that a script threw.
type scriptError struct {
	msg    string
	err    error // the Go error that the exception wraps, or nil
	source string
}

func (e *scriptError) Error() string { return e.msg }
func (e *scriptError) Unwrap() error { return e.err }

// maxMessage is the longest text of an exception in a message, in characters.
const maxMessage = 500

// explain converts an error of the runtime to one for people. It may run the
// script's code (a toString), so call it while the script is watched.
func (e *engine) explain(err error) error {
	var stopped *goja.InterruptedError
	if errors.As(err, &stopped) {
		reason, _ := stopped.Value().(error)
		return &scriptError{msg: reason.Error(), err: reason, source: e.where(stopped.Stack())}
	}
	var deep *goja.StackOverflowError
	if errors.As(err, &deep) {
		return &scriptError{
			msg: fmt.Sprintf("functions call each other more than %d deep", maxCalls), source: e.where(deep.Stack()),
		}
	}
	var ex *goja.Exception
	if !errors.As(err, &ex) {
		return err
	}
	se := &scriptError{source: e.where(ex.Stack()), err: ex.Unwrap()}
	if se.err != nil {
		se.msg = se.err.Error()
		return se
	}
	if gerr := e.guard(func() { se.msg = shorten(withoutDump(ex.Value().String())) }); gerr != nil || se.msg == "" {
		se.msg = "an exception without a message"
	}
	return se
}

// withoutDump removes a memory dump from the engine's message about an object that
// has no primitive value. The dump differs each time.
func withoutDump(msg string) string {
	const begin, end = "Could not convert &{", " to primitive"
	i, j := strings.Index(msg, begin), strings.LastIndex(msg, end)
	if i < 0 || j < i {
		return msg
	}
	return msg[:i] + "could not convert an object" + msg[j:]
}

// where returns the source line of the innermost stack frame in the script.
func (e *engine) where(stack []goja.StackFrame) string {
	for _, f := range stack {
		if f.SrcName() != e.src.name {
			continue
		}
		p := f.Position()
		if at := e.src.at(p.Line, p.Column, ""); at.Line > 0 {
			return at.SourceLine()
		}
	}
	return ""
}

// shorten makes a value's text printable and short enough for a message.
func shorten(s string) string {
	n := 0
	s = strings.Map(func(r rune) rune {
		if n++; n > maxMessage {
			return -1
		}
		if !unicode.IsPrint(r) {
			return ' '
		}
		return r
	}, s)
	if n > maxMessage {
		return s + fmt.Sprintf("… (%d more characters)", n-maxMessage)
	}
	return s
}

// failure returns the FoldError of a reducer.
func (e *engine) failure(ev *replay.Event, by string, err error) error {
	f := &replay.FoldError{By: by, Err: err}
	if ev != nil {
		f.At = ev.Moment()
	}
	var se *scriptError
	if errors.As(err, &se) {
		f.Source = se.source
		if errors.Is(se.err, errStopped) {
			f.Next = fault.Try("look for a loop that does not end")
		}
	}
	return f
}

func panicError(x any) error {
	if err, ok := x.(error); ok {
		return fmt.Errorf("the script engine failed: %w", err)
	}
	return fmt.Errorf("the script engine failed: %v", x)
}
