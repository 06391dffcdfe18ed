//go:build unix

package cmd

import (
	"io"
	"os"
	"reflect"

	"golang.org/x/term"
)

// A terminalMode is how a terminal was before a child process used it.
type terminalMode struct {
	of    *os.File
	state *term.State // nil: it is no terminal
}

// terminalModeOf returns the mode of a terminal.
func terminalModeOf(f *os.File) terminalMode {
	state, err := term.GetState(int(f.Fd()))
	if err != nil {
		return terminalMode{of: f}
	}
	return terminalMode{f, state}
}

// leavesScreen ends what a program on the full screen may have asked of a terminal: styles,
// another screen, a hidden cursor, reports of the mouse, of pastes, of the focus and of
// keys, and updates that wait.
const leavesScreen = "\x1b[m\x1b[?2026l\x1b[?1002l\x1b[?1003l\x1b[?1006l\x1b[?2004l\x1b[?1004l\x1b[>4;0m\x1b[<u\x1b[?1049l\x1b[?25h\r"

// restore puts the terminal back if the process that used it could not. A terminal whose
// modes are as they were had no program on its full screen.
func (m terminalMode) restore(screen io.Writer) {
	if m.state == nil {
		return
	}
	now, err := term.GetState(int(m.of.Fd()))
	if err != nil || reflect.DeepEqual(now, m.state) {
		return
	}
	_, _ = io.WriteString(screen, leavesScreen) // there is nobody to tell
	_ = term.Restore(int(m.of.Fd()), m.state)
}
