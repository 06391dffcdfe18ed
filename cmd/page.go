package cmd

import (
	"io"
	"os"

	"asof/cmd/pager"
)

// Text that is longer than the terminal goes through a pager; JSON, a dialogue and what
// is not for a terminal do not.

// page makes standard output go through the pager if it is a terminal.
func (a *app) page() {
	if a.Height == nil || a.screen != nil || a.json || a.noPager {
		return
	}
	terminal, ok := a.written.Writer.(*os.File)
	if !ok {
		return
	}
	width, ok := a.Terminal(terminal)
	if !ok {
		return
	}
	command, err := pager.Command(os.LookupEnv)
	if err != nil {
		a.note("pager", err.Error()+"; --no-pager prints without one")
		return
	}
	if command == "" {
		return
	}
	a.screen = pager.New(pager.Options{
		Command: command, Env: pager.Environ(os.Environ()),
		Terminal: terminal, Width: width, Height: a.Height(terminal),
		Quit: func() { a.written.gone(errGone) },
	})
	if _, both := a.Terminal(a.Err); both {
		a.Err = a.screen.Err()
	}
	a.written.Writer = a.screen.Out()
}

// unpaged makes the rest of the run print without a pager.
func (a *app) unpaged() {
	if a.screen != nil {
		a.screen.Straight()
	}
}

// paging reports whether the user looks at a pager.
func (a *app) paging() bool { return a.screen != nil && a.screen.Paging() }

// barOut returns the writer of progress bars.
func (a *app) barOut() io.Writer {
	if a.screen != nil {
		return a.screen.Bar()
	}
	return a.Err
}

// endPage ends the output and waits until the user has left the pager.
func (a *app) endPage() {
	if a.screen != nil {
		a.screen.Close()
	}
}
