package cmd

import (
	"context"
	"iter"

	"asof/replay/workspace"
)

// askOne asks a question and shows the answer, between the notes that change what it
// means and the others. show prints and flushes.
func askOne[A any](a *app, ask func(context.Context, *workspace.Workspace) (A, error), show func(A) error) error {
	a.hold()
	defer a.release()
	ans, err := ask(a.ctx, a.work())
	if err != nil {
		return err
	}
	a.releaseFirst()
	return show(ans)
}

// askList asks a question whose answer is a list. show prints it as it arrives.
func askList[A any](a *app, ask func(context.Context, *workspace.Workspace) iter.Seq2[A, error], show func(iter.Seq2[A, error]) error) error {
	a.hold()
	defer a.release()
	return show(ask(a.ctx, a.work()))
}

// guessed reports whether no fold was given for the question.
func (a *app) guessed() bool { return a.space != nil && a.space.Guessed() }

// withFindings returns the error of a verb that printed its answer: err, or a
// findingsError if found is true.
func withFindings(err error, found bool) error {
	if err == nil && found {
		return findingsError{}
	}
	return err
}
