"""The dialogs, each one async function run by replay."""
