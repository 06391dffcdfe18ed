package inspect

// SetRuns sets how much of a log read backwards is kept in memory, and returns a function
// that undoes it.
func SetRuns(run, saved int) (undo func()) {
	was, wasSaved := runBytes, savedBytes
	runBytes, savedBytes = run, saved
	return func() { runBytes, savedBytes = was, wasSaved }
}
