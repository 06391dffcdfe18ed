package browse

import (
	"context"
	"errors"
	"io"

	tea "charm.land/bubbletea/v2"

	"asof/replay/workspace"
)

// A Terminal is where the program runs.
type Terminal struct {
	In  io.Reader
	Out io.Writer
	Env []string // the environment, for what the terminal can do
}

// Run shows the program on a terminal until the user leaves or ctx ends. It restores the
// terminal, and panics with what the program panicked with.
func Run(ctx context.Context, w *workspace.Workspace, o Options, t Terminal) error {
	asking, cancel := context.WithCancel(ctx)
	defer cancel()
	m := New(asking, w, o)
	p := tea.NewProgram(m, tea.WithContext(ctx), tea.WithInput(t.In), tea.WithOutput(t.Out), tea.WithEnvironment(t.Env), tea.WithoutSignalHandler())
	m.leave = p.Quit
	_, err := p.Run()
	if m.panicked != nil {
		panic(m.panicked)
	}
	if ctx.Err() != nil {
		return ctx.Err()
	}
	if errors.Is(err, tea.ErrInterrupted) {
		return context.Canceled
	}
	return err
}
