package handler

// Revision is the commit of a build by its notes.
var Revision = revision
