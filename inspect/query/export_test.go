package query

// SetExportLimits sets how many streams an export folds at once, and returns the function
// that undoes it.
func SetExportLimits(all, chunk int) (undo func()) {
	oldAll, oldChunk := mostAtOnce, exportChunk
	mostAtOnce, exportChunk = all, chunk
	return func() { mostAtOnce, exportChunk = oldAll, oldChunk }
}

// SetMostHeld sets how many bytes a question may keep, and returns the function that
// undoes it.
func SetMostHeld(n int) (undo func()) {
	old := mostHeld
	mostHeld = n
	return func() { mostHeld = old }
}
