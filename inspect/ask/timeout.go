package ask

import (
	"context"
	"errors"
	"fmt"
	"time"

	"asof/replay/fault"
	"asof/replay/workspace"
)

// A TimeoutError is a question that took longer than its limit.
type TimeoutError struct{ Limit time.Duration }

func (e *TimeoutError) Error() string { return fmt.Sprintf("there is no answer within %v", e.Limit) }

// Class returns fault.Usage.
func (*TimeoutError) Class() fault.Class { return fault.Usage }

// Fault returns fault.KindTimeout.
func (*TimeoutError) Fault() fault.Kind { return fault.KindTimeout }

// Remedy returns what to do next.
func (*TimeoutError) Remedy() fault.Remedy {
	return fault.Try("ask for less, such as one stream, or allow more time").With("timeout")
}

// timeLimit reads a limit; empty is none, which is zero.
func timeLimit(text string) (time.Duration, error) {
	if text == "" {
		return 0, nil
	}
	d, err := time.ParseDuration(text)
	if err != nil || d <= 0 {
		return 0, workspace.Usagef("write a duration such as 30s", "bad timeout %q", text)
	}
	return d, nil
}

// within ends ctx after a limit that was checked.
func within(ctx context.Context, text string) (context.Context, context.CancelFunc) {
	d, err := timeLimit(text)
	if d == 0 || err != nil {
		return ctx, func() {}
	}
	return context.WithTimeoutCause(ctx, d, &TimeoutError{d})
}

// overdue is the limit that ended ctx, where err is what came of it, and else err.
func overdue(ctx context.Context, err error) error {
	var late *TimeoutError
	if err != nil && errors.As(context.Cause(ctx), &late) {
		return late
	}
	return err
}
