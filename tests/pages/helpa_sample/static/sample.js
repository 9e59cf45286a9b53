import { announce } from "helpa/page.js";

announce("The sample script runs");
