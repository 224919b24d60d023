package handler

// Version is the version of the product, as replies and the command line name it.
const Version = "0.3.0"
