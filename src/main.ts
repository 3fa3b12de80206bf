// The server is wired here.
import 'reflect-metadata';
