import { contract } from "../contract/contract.ts";
import { memoryStore } from "../src/memory/store.ts";

contract(memoryStore);
